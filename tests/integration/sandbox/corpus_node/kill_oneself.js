// expect: crashed
exports.handler = async (event) => {
  process.kill(process.pid, 'SIGKILL');
  for (;;);
};
