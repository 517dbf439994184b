// expect: exception
exports.handler = async (event) => {
  const down = () => down() + 1;
  return down();
};
