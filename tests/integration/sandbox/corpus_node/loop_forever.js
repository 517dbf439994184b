// expect: wall
// wall: 0.5
exports.handler = async (event) => {
  for (;;);
};
