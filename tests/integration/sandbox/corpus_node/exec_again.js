// expect: exception completed
exports.handler = async (event) => {
  process.execve?.('/bin/sh', ['sh', '-c', `touch ${event.outside}/exec`], {});
  process.execve?.(process.execPath, ['node', '-e', '0'], {});
  return { got_through: [] };
};
