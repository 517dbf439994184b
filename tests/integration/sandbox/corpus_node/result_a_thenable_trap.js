// expect: exited wall no_result
exports.handler = async (event) => {
  return { then() { process.exit(0); } };
};
