"""What a rule set would have done to a history: every record, every rule, counted exactly.

    columns      a chunk of history, each field in the narrowest form that still compares exactly
    predicates   one comparison over one column, as a bitmap
    program      the rules' expressions over those bitmaps, each distinct part once
    tally        what a chunk adds up to; tallies merge in any order
    simulate     chunks in, report out; an edited rule re-uses the bitmaps

A chunk is a few hundred thousand records, so that its bitmaps stay in the processor's cache and
memory does not grow with the history.
"""
