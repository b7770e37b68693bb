// Shows the description of the API with Swagger UI, from our own files, and lets a reader send requests to this portal.
"use strict";
const place = document.getElementById("try");
window.SwaggerUIBundle({
  url: place.dataset.description,
  domNode: place,
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  validatorUrl: null, // it would ask another host
  supportedSubmitMethods: ["get"],
  tryItOutEnabled: true,
});
