// expect: output_limit
exports.handler = async (event) => {
  for (;;) process.stderr.write('x'.repeat(1_000));
};
