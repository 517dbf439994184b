// expect: completed
exports.handler = async (event) => {
  const registry = new FinalizationRegistry(() => { for (;;); });
  registry.register({}, 1);
  setInterval(() => {}, 1);
  return 'gone';
};
