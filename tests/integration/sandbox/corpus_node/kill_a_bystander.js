// expect: exception
exports.handler = async (event) => {
  process.kill(event.bystander, 'SIGKILL');
};
