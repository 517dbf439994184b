// expect: unhandled_rejection
exports.handler = async (event) => {
  Promise.reject(new Error('nobody looks'));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return 1;
};
