// expect: output_limit
exports.handler = async (event) => {
  for (;;) console.log('x'.repeat(1_000));
};
