SELECT workspace
  FROM cardfile.member
 WHERE role = current_user
 ORDER BY workspace
