/* Days that are typed count: no other range may stay chosen beside them. */
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-chooses-days]")) {
    document.getElementById("period").value = "";
  }
}, { capture: true });
