// expect: exception
exports.handler = async (event) => {
  setTimeout(() => { throw new Error('later'); }, 1);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return 1;
};
