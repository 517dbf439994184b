// expect: exception
exports.handler = async (event) => {
  process.kill(event.host, 'SIGKILL');
};
