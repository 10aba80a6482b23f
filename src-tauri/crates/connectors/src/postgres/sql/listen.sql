LISTEN cardfile
