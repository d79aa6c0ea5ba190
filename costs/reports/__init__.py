"""Every number that anybody sees comes from here: the API, pages, exports and metrics only ask.

A report takes what is asked and a Visibility, and gives rows with named columns. Amounts are USD,
days and hours UTC. Run it inside `snapshot`, so that its rows, totals and notes are of one moment.
"""
