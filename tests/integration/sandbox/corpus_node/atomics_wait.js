// expect: wall
// wall: 0.5
exports.handler = async (event) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};
