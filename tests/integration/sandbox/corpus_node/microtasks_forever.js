// expect: wall memory
// wall: 0.5
exports.handler = async (event) => {
  const again = () => Promise.resolve().then(again);
  await again();
};
