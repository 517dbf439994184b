// expect: memory exception
// wall: 20
exports.handler = async (event) => {
  let text = 'x'.repeat(1_000);
  const kept = [];
  for (;;) kept.push((text += text).split(''));
};
