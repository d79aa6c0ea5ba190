/* Draws the API's description with Swagger UI; calls tried here go out as the page's own user. */
const description = document.getElementById("description");

SwaggerUIBundle({
  url: description.dataset.schema,
  domNode: description,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  requestInterceptor: (request) => {
    if (new URL(request.url, location.href).origin === location.origin) {
      request.headers["X-CSRFToken"] = description.dataset.csrf;
    }
    return request;
  },
});
