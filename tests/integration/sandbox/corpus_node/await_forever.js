// expect: no_result
exports.handler = async (event) => {
  await new Promise(() => {});
};
