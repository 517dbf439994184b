// expect: exception
exports.handler = async (event) => {
  throw Object.defineProperty(new Error('x'), 'message', { get() { throw new Error('y'); } });
};
