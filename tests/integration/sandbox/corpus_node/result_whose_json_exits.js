// expect: exited
exports.handler = async (event) => {
  return { toJSON() { process.exit(0); } };
};
