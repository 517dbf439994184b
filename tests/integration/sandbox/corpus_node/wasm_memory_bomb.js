// expect: memory exception
// wall: 20
exports.handler = async (event) => {
  const memory = new WebAssembly.Memory({ initial: 16_000 });
  new Uint8Array(memory.buffer).fill(1);
  return memory.buffer.byteLength;
};
