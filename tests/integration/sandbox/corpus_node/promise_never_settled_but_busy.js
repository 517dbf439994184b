// expect: wall
// wall: 0.5
exports.handler = async (event) => {
  setInterval(() => {}, 1);
  await new Promise(() => {});
};
