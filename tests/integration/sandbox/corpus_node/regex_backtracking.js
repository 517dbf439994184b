// expect: wall
// wall: 0.5
exports.handler = async (event) => {
  return /(a+)+$/.test('a'.repeat(60) + 'b');
};
