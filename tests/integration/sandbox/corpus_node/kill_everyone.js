// expect: exception
exports.handler = async (event) => {
  process.kill(-1, 'SIGKILL');
};
