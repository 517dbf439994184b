// expect: exited
exports.handler = async (event) => {
  process.exit(0);
};
