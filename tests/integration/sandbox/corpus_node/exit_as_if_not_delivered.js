// expect: no_result
exports.handler = async (event) => {
  process.reallyExit(70);
};
