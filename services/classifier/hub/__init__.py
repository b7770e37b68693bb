"""Any other model by configuration: of the Hugging Face hub or a folder, through ONNX Runtime or torch."""
