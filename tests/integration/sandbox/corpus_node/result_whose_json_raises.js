// expect: result_not_json
exports.handler = async (event) => {
  return { toJSON() { throw new Error('no'); } };
};
