// expect: wall
// wall: 0.5
exports.handler = async (event) => {
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGXCPU']) process.on(name, () => {});
  for (;;);
};
