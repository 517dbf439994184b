// expect: exception
exports.other = 1;
