// expect: output_limit
exports.handler = async (event) => {
  for (;;) console.log();
};
