// expect: completed result_not_json exception no_result
exports.handler = async (event) => {
  Object.prototype.toJSON = () => 'x';
  Array.prototype[Symbol.iterator] = null;
  Promise.prototype.then = null;
  String.prototype.slice = null;
  return { a: 1 };
};
