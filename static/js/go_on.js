// The page works without this: the button does the same.
document.getElementById("go-on").submit();
