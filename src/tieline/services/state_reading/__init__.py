"""What a state folder holds, for those who only look: no call, no credentials, no change.

The search index of the audit log is the one file that is brought up to date.
"""
