// expect: exited
exports.handler = async (event) => {
  process.reallyExit(0);
};
