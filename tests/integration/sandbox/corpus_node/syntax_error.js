// expect: exception
exports.handler = async (event) => {
