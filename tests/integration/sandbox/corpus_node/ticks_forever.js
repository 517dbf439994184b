// expect: wall
// wall: 0.5
exports.handler = async (event) => {
  const again = () => process.nextTick(again);
  again();
  await new Promise(() => {});
};
