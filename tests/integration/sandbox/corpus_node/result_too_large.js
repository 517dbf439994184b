// expect: result_too_large
exports.handler = async (event) => {
  return 'x'.repeat(1_000_000);
};
