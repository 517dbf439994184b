// expect: result_not_json
exports.handler = async (event) => {
  return () => 1;
};
