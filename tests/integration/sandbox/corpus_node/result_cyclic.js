// expect: result_not_json
exports.handler = async (event) => {
  const cycle = {};
  cycle.cycle = cycle;
  return cycle;
};
