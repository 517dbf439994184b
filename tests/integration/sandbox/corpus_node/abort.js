// expect: crashed
exports.handler = async (event) => {
  process.abort();
};
