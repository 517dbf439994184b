// expect: completed exception
exports.handler = async (event) => {
  const inspector = require('node:inspector');
  const session = new inspector.Session();
  session.connect();
  inspector.open(0);
  return { got_through: inspector.url() ? ['a debugger listens'] : [] };
};
