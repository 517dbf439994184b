# expect: wall
# wall: 0.4
while True:
    pass
