// expect: wall
// wall: 0.5
for (;;);
