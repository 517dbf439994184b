// expect: memory wall
// wall: 3
exports.handler = async (event) => {
  for (;;) setTimeout(() => {}, 1e6, new Array(1_000).fill(1));
};
