// expect: completed
exports.handler = async (event) => {
  process.on('exit', () => { for (;;); });
  process.on('beforeExit', () => { for (;;); });
  return 'gone';
};
