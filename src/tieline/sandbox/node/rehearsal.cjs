'use strict';
// The handler that a worker runs once before its job, so that its job is not the first.

exports.handler = async (event) => event;
