// expect: exited
process.exit(0);
