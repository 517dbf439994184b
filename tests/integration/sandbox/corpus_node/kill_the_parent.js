// expect: exception
exports.handler = async (event) => {
  process.kill(process.ppid, 'SIGKILL');
};
