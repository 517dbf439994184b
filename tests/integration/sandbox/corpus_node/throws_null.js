// expect: exception
exports.handler = async (event) => {
  throw null;
};
