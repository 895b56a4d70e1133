// Names of TensorFlow's variables: Keras' names for instances of classes, as transformers 4.46 with Keras 2.15 writes them.

import Testing

@testable import AssayHuggingFace

@Suite("Names of TensorFlow's variables")
struct TensorFlowNamingTests {
    @Test(
        "instances are named after their classes",
        arguments: [
            ("TFBertForMaskedLM", "tf_bert_for_masked_lm"), ("TFBertLMHeadModel", "tf_bert_lm_head_model"),
            ("TFGPT2LMHeadModel", "tfgpt2lm_head_model"), ("TFT5Model", "tft5_model"),
            ("TFT5ForConditionalGeneration", "tft5_for_conditional_generation"), ("TFViTModel", "tf_vi_t_model"),
            ("TFDistilBertModel", "tf_distil_bert_model"), ("TFWav2Vec2Model", "tf_wav2_vec2_model"),
            ("TFMPNetForMaskedLM", "tfmp_net_for_masked_lm"), ("TFXLNetModel", "tfxl_net_model"),
            ("TFDeiTForImageClassificationWithTeacher", "tf_dei_t_for_image_classification_with_teacher"),
            ("TFCLIPModel", "tfclip_model"), ("TFOPTForCausalLM", "tfopt_for_causal_lm"),
            ("TFDebertaV2Model", "tf_deberta_v2_model"), ("TFMarianMTModel", "tf_marian_mt_model"),
        ])
    func snakeCase(className: String, instance: String) {
        #expect(TensorFlowNaming.snakeCase(className) == instance)
    }
}
